#!/bin/sh
# Fetches the JSON-Schema-Test-Suite into .suite/ beside this script: the folders `tests` and
# `remotes` of the pinned version. Needs Python 3.9+ with pip and, the first time, a network.
# Run it again at any time: what is already there in the pinned version is left alone.
set -eu
cd "$(dirname "$0")"

fail() {
    echo "tests/schema_suite/install.sh: $*" >&2
    exit 1
}

command -v python3 >/dev/null 2>&1 || fail "python3 was not found; install Python 3.9 or later"

# The stamp is written last, so that an interrupted installation is done again from the start.
want="$(cksum <requirements.txt)"
[ "$(cat .suite/stamp 2>/dev/null)" = "$want" ] && exit 0
rm -rf .suite
mkdir .suite
# Only the archive is of use, and nothing of it is installed.
python3 -m pip download --disable-pip-version-check --quiet --no-deps --no-binary jsonschema --require-hashes \
    --requirement requirements.txt --dest .suite ||
    fail "pip could not download the suite"
python3 -m tarfile -e .suite/*.tar.gz .suite || fail "the archive cannot be unpacked"
mv .suite/jsonschema-*/json/tests .suite/jsonschema-*/json/remotes .suite/jsonschema-*/json/LICENSE .suite/
rm -rf .suite/jsonschema-*
echo "$want" >.suite/stamp
