#!/bin/sh
# Prints the path of a Lazaret that can be run: the one that is named, one that is downloaded and has the hash that it
# should have, or one that is built from this clone.
#   LAZARET_BINARY    a program that is there already
#   LAZARET_DOWNLOAD  an address (https or file); needs LAZARET_SHA256, the 64 digits of its hash
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

refuse() {
    echo "lazaret: $1" >&2
    exit 2
}

digest() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

if [ -n "${LAZARET_BINARY:-}" ]; then
    [ -x "$LAZARET_BINARY" ] || refuse "$LAZARET_BINARY is no program"
    printf '%s\n' "$LAZARET_BINARY"
elif [ -n "${LAZARET_DOWNLOAD:-}" ]; then
    # Whoever can change what lies at the address must not be able to change what runs here.
    [ -n "${LAZARET_SHA256:-}" ] || refuse "a download needs its sha256 too, written down where the download cannot change it"
    file=$(mktemp -d)/lazaret
    curl --proto '=https,file' --proto-redir '=https' -fsSL --retry 3 --max-time 300 -o "$file" -- "$LAZARET_DOWNLOAD" ||
        refuse "the download failed"
    found=$(digest "$file")
    if [ "$found" != "$LAZARET_SHA256" ]; then
        rm -f "$file"
        refuse "the download has the sha256 $found, not $LAZARET_SHA256; it was deleted and not run"
    fi
    chmod 755 "$file"
    printf '%s\n' "$file"
else
    # Builds when that is needed, and says nothing on stdout but its version.
    "$root/lazaret" --version >/dev/null || refuse "it could not be built; the messages above say why"
    printf '%s\n' "$root/lazaret"
fi
