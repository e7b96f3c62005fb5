// Starts oauth2-mock-server on a free loopback port, prints `listening URL` when it is ready
// and exits when standard input closes.
//
//   node oauth2.mjs [--expires-in SECONDS]
//
// Tokens live for an hour unless --expires-in says otherwise; a query on the token endpoint
// (`/token?expires_in=2`) says it for one request. After `/token?rotate=yes` there is one key more, and
// tokens are signed with each in turn. All else is as the package does it.

import process from "node:process";
import { parseArgs } from "node:util";

function fail(message) {
  console.error(`tests/outside/oauth2.mjs: ${message}`);
  process.exit(1);
}

function seconds(text, where) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${where} takes a whole number of seconds, not "${text}"`);
  return Number(text);
}

let always;
try {
  const { values } = parseArgs({ options: { "expires-in": { type: "string" } } });
  if (values["expires-in"] !== undefined) always = seconds(values["expires-in"], "--expires-in");
} catch (error) {
  fail(error.message);
}

// The package is not in a node_modules folder above this file, so it is named by its path.
const main = new URL(".servers/node/node_modules/oauth2-mock-server/dist/index.mjs", import.meta.url);
const { OAuth2Server } = await import(main).catch((error) =>
  fail(`oauth2-mock-server does not load (${error.code ?? error}); run tests/outside/install.sh first`),
);

// The lifetime asked for by the request, else by the command line, else none: the package's own.
function lifetime(request) {
  const query = new URL(request.url, "http://server").searchParams.get("expires_in");
  return query !== null && /^\d{1,9}$/.test(query) ? Number(query) : always;
}

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
server.service.on("beforeTokenSigning", (token, request) => {
  const ttl = lifetime(request);
  if (ttl !== undefined) token.payload.exp = token.payload.iat + ttl;
});
server.service.on("beforeResponse", (response, request) => {
  const query = new URL(request.url, "http://server").searchParams;
  if (query.get("rotate") === "yes") server.issuer.keys.generate("ES256").catch((error) => fail(error.message));
  const ttl = lifetime(request);
  if (ttl !== undefined && "access_token" in response.body) response.body.expires_in = ttl;
});

await server.start(0, "127.0.0.1");
// The package would call itself `localhost`, which may resolve to an address it does not listen on.
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
console.log(`listening ${server.issuer.url}`);

// Whoever started this holds the other end of standard input: it closes with them, however they end.
for (const event of ["end", "close", "error"]) process.stdin.on(event, () => process.exit(0));
process.stdin.resume();
