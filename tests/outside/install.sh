#!/bin/sh
# Installs the servers that the tests in this folder talk to, into .servers/ beside this
# script. Needs node 20.19+, npm and Python 3.11+. Run it again at any time: what is
# already there in the pinned versions is left alone.
set -eu
cd "$(dirname "$0")"

fail() {
    echo "tests/outside/install.sh: $*" >&2
    exit 1
}

command -v node >/dev/null 2>&1 || fail "node was not found; install Node.js 20.19 or later"
command -v npm >/dev/null 2>&1 || fail "npm was not found; install it together with Node.js"
command -v python3 >/dev/null 2>&1 || fail "python3 was not found; install Python 3.11 or later"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "node is $(node --version), but Node.js 20.19 or later is needed"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "python3 is $(python3 --version 2>&1), but Python 3.11 or later is needed"

mkdir -p .servers

# A stamp says what an installation was made from. It is written last, so that an
# interrupted installation is done again from the start.
fresh() { [ "$(cat ".servers/$1.stamp" 2>/dev/null)" = "$2" ]; }

want="$(node --version) $(cat package.json package-lock.json | cksum)"
if ! fresh node "$want"; then
    rm -rf .servers/node .servers/node.stamp
    mkdir .servers/node
    cp package.json package-lock.json .npmrc .servers/node/
    npm ci --prefix .servers/node --ignore-scripts --no-audit --no-fund ||
        fail "npm could not install the servers"
    echo "$want" >.servers/node.stamp
fi

want="$(python3 --version) $(cksum <requirements.txt)"
if ! fresh python "$want"; then
    rm -rf .servers/python .servers/python.stamp
    python3 -m venv .servers/python ||
        fail "python3 cannot make a virtual environment (Debian has that in the package python3-venv)"
    .servers/python/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt ||
        fail "pip could not install httpbin, Authlib and moto"
    echo "$want" >.servers/python.stamp
fi

echo "tests/outside/.servers is ready"
