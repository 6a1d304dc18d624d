/* Tables of points that are computed here: as random bytes, compression does not make them smaller. */

/* Fills the table of Curve25519's base point. Key exchange needs it, so this is done at the start. */
void tables_fill_curve25519(void);
