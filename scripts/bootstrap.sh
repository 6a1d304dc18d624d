#!/bin/sh
# Installs what is missing on a fresh machine: npm's packages and, with --test or --examples, what these need from the system.
# POSIX sh and whatever node is there, since it runs before node_modules exists. Quick when nothing is to do.
set -eu

usage() {
  cat <<'TEXT'
Usage: sh scripts/bootstrap.sh [--test] [--examples]

  --test       also make sure of browsers, TLS peers (nginx, openssl, curl, GnuTLS, Go), the WebAssembly toolchain, and what
  --examples   needs: Chromium, and the servers that examples/ talk to
TEXT
}

say() { printf 'bootstrap: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

for_tests=no
for_examples=no
for argument in "$@"; do
  case $argument in
    --test) for_tests=yes ;;
    --examples) for_examples=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."

# --- npm's packages ---------------------------------------------------------------------------------------------------
# npm writes node_modules/.package-lock.json last: it is there, and not older than the lock file, when all is installed.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ -n "$(find package-lock.json -newer "$installed" 2>/dev/null)" ]; then
  command -v npm >/dev/null 2>&1 || die "npm is not on the PATH; install Node.js 20 or newer"
  say "installing npm packages"
  # Not `npm ci`: it refuses a lock file that lacks other platforms' optional packages, which a registry need not have.
  # This keeps to the versions and hashes of the lock file just the same, and does not write to it.
  npm install --no-save --no-audit --no-fund --loglevel=error >&2 || die "npm install failed; see its message above"
  touch "$installed"
fi

version=$(node_modules/.bin/node --version 2>/dev/null) || die "node_modules/.bin/node does not run; delete node_modules and try again"
case $version in
  v2[6-9].* | v[3-9][0-9].*) ;;
  *) die "node_modules/.bin/node is $version; 26 or newer is needed. Delete node_modules and try again" ;;
esac

[ "$for_tests$for_examples" != nono ] || exit 0

# --- what is needed from the system -------------------------------------------------------------------------------------
# One line each: the Debian package, and a file or command that shows that it is there.
present() {
  case $1 in
    chromium | curl | nginx | openssl) PATH="$PATH:/usr/sbin" command -v "$1" ;;
    gnutls-bin) command -v gnutls-serv ;;
    golang-go) command -v go ;;
    firefox-esr) command -v firefox-esr ;;
    clang-19) command -v clang-19 ;;
    lld-19) command -v wasm-ld-19 ;;
    binaryen) command -v wasm-opt ;;
    wasi-libc) ls /usr/include/wasm32-wasi/stdio.h ;;
    postgresql-15) ls /usr/lib/postgresql/15/bin/postgres ;;
    mariadb-server-core) ls /usr/sbin/mariadbd ;;
    redis-server | mosquitto) PATH="$PATH:/usr/sbin" command -v "$1" ;;
    exim4-daemon-light) ls /usr/sbin/exim4 ;;
    dovecot-imapd) ls /usr/lib/dovecot/imap ;;
    proftpd-core) ls /usr/sbin/proftpd ;;
    proftpd-mod-crypto) ls /usr/lib/proftpd/mod_tls.so ;;
    libclang-rt-19-dev-wasm32) ls /usr/lib/llvm-19/lib/clang/19/lib/*/libclang_rt.builtins*wasm32*.a ;;
  esac >/dev/null 2>&1
}

# Servers that examples talk to.
servers="postgresql-15 mariadb-server-core redis-server mosquitto exim4-daemon-light dovecot-imapd proftpd-core proftpd-mod-crypto"
packages="chromium openssl $servers"
[ "$for_tests" = no ] || packages="$packages firefox-esr nginx curl gnutls-bin golang-go clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 binaryen"

missing_packages() {
  for package in $packages; do
    present "$package" || printf '%s ' "$package"
  done
}

missing=$(missing_packages)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
  say "installing $missing"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # Packages of servers would start servers of the system; tests start their own. Nothing that is installed goes away for
  # them: a machine that has another mail server keeps it, so each group is asked for by itself.
  install() {
    [ "$#" -gt 0 ] || return 0
    RUNLEVEL=1 apt-get install -y --no-install-recommends --no-remove "$@" && return 0
    failed=yes
  }
  pick() {
    for package in $missing; do
      case " $servers " in *" $package "*) [ "$1" = servers ] || continue ;; *) [ "$1" = tools ] || continue ;; esac
      printf '%s ' "$package"
    done
  }
  failed=no
  { apt-get update && install $(pick tools); } >"$log" 2>&1 || failed=yes
  for package in $(pick servers); do install "$package" >>"$log" 2>&1; done
  if [ "$failed" = yes ]; then
    say "apt-get failed; its last lines:"
    tail -n 15 "$log" >&2
  fi
  missing=$(missing_packages)
fi

if [ -n "$missing" ]; then
  say "missing: $missing"
  say "tests that need these are skipped. On Debian: apt-get install $missing"
fi
