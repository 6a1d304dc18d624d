/**
 * The `(_ssl.c:NNNN)` at the end of CPython's texts.
 *
 * CPython appends the line of `_ssl.c` that reports the error. Programs match such texts (test_ssl does, and log
 * scrapers), so the shape must be there; there is no C line here to name. So each place that reports an error carries
 * the line at which CPython 3.14.8 reports the same error: texts are then equal, byte for byte, to those of the native
 * module that the oracle tests compare with, and the number still tells a reader of CPython's source where to look.
 */
export const sourceLine = {
  doHandshake: 1127,
  read: 2768,
  write: 2606,
  shutdown: 2896,
  afterEof: 680,
  handshakeTimedOut: 1109,
  handshakeSocketClosed: 1113,
  handshakeSocketGone: 1061,
  readSocketGone: 2680,
  writeSocketGone: 2528,
  shutdownSocketGone: 2815,
  hostname: 855,
  newServer: 907,
  newClient: 914,
  newConnection: 942,
  newContext: 3301,
  pending: 2635,
  verifyFlags: 3668,
  certificateChainFile: 4221,
  privateKeyFile: 4242,
  checkPrivateKey: 4250,
  caDataMissing: 4340,
  caDataBroken: 4353,
  verifyLocations: 4474,
  dhParamsFile: 4530,
  dhParamsUse: 4536,
  defaultVerifyPaths: 4687,
  ecdhCurve: 4717,
  getCiphers: 3485,
  // Of Python 3.15.2, which has these alone.
  cipherSuites: 3795,
  groups: 3857,
  implementedGroups: 3886,
  clientSignatureAlgorithms: 3947,
  serverSignatureAlgorithms: 3972,
  pskClient: 5167,
  pskServer: 5279,
  postHandshake: 2974,
  setSession: 3065,
  memoryBio: 5550,
  decodeCertificate: 1190,
  certificateBytes: 99,
} as const;

export type SourcePlace = keyof typeof sourceLine;
