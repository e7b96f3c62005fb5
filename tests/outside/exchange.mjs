// Starts @jmondi/oauth2-server on a free loopback port, prints `listening URL` when it is ready and exits when standard
// input closes. It is here for the token exchange of RFC 8693, which the other servers do not have.
//
//   node exchange.mjs

import { randomBytes } from "node:crypto";
import * as http from "node:http";
import process from "node:process";

const url = new URL(".servers/node/node_modules/@jmondi/oauth2-server/dist/index.js", import.meta.url);
const { AuthorizationServer, DateInterval, JwtService, OAuthException, OAuthRequest } = await import(url).catch((error) => {
  console.error(`tests/outside/exchange.mjs: @jmondi/oauth2-server does not load (${error.code ?? error}); run tests/outside/install.sh first`);
  process.exit(1);
});

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const SECRET = "a-secret-of-enough-letters-for-hs256-0123456789";
const scopes = ["read", "write"].map((name) => ({ name }));
const client = (id, grant) => ({ id, name: id, secret: SECRET, redirectUris: [], allowedGrants: [grant], scopes });
const clients = [client("subject", "client_credentials"), client("actor", "client_credentials"), client("exchanger", EXCHANGE)];

const known = new Set();
const jwt = new JwtService(randomBytes(32).toString("hex"));
const server = new AuthorizationServer(
  {
    getByIdentifier: async (id) => clients.find((client) => client.id === id),
    isClientValid: async (grant, client, secret) => secret === client.secret && client.allowedGrants.includes(grant),
  },
  {
    issueToken: async (client, scopes, user) => {
      const accessToken = randomBytes(16).toString("hex");
      known.add(accessToken);
      return { accessToken, accessTokenExpiresAt: new DateInterval("1h").getEndDate(), client, user, scopes };
    },
    persist: async () => {},
    revoke: async () => {},
    isRefreshTokenRevoked: async () => true,
    issueRefreshToken: async (token) => token,
  },
  {
    getAllByIdentifiers: async (names) => scopes.filter((scope) => names.includes(scope.name)),
    finalize: async (scopes) => scopes,
  },
  jwt,
);
// A token that was issued here and has not been forgotten.
const read = async (token) => {
  const claims = await jwt.verify(token).catch(() => undefined);
  return claims && known.has(claims.jti) ? claims : undefined;
};
// Only tokens of this server are exchanged: whose they are becomes the subject of the new one.
const whose = async (token) => {
  const claims = await read(token);
  if (!claims) throw OAuthException.invalidGrant("this server has not issued the token");
  return claims.cid ?? claims.sub;
};
server.enableGrantType("client_credentials");
server.enableGrantType({
  grant: EXCHANGE,
  processTokenExchange: async ({ subjectToken, subjectTokenType, actorToken }) => {
    if (subjectTokenType !== "urn:ietf:params:oauth:token-type:access_token")
      throw OAuthException.badRequest("only access tokens are exchanged here");
    const subject = await whose(subjectToken);
    return { id: actorToken ? `${subject} through ${await whose(actorToken)}` : subject };
  },
});

// `/api` is ours: whose token this is, or 401. So is `/forget`: no token that there is counts from then on.
async function answer(request, body) {
  if (request.url === "/forget") {
    known.clear();
    return { status: 200, body: {} };
  }
  if (request.url.split("?")[0] === "/api") {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    const claims = token && (await read(token));
    return claims ? { status: 200, body: claims } : { status: 401, body: { error: "invalid_token" } };
  }
  const form = Object.fromEntries(new URLSearchParams(body));
  return server.respondToAccessTokenRequest(new OAuthRequest({ body: form, headers: request.headers }));
}
const listener = http.createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { status, body: said } = await answer(request, body).catch((error) => ({
    status: error.status ?? 500,
    body: { error: error.errorType ?? "server_error", error_description: error.message },
  }));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(said));
});
await new Promise((ready, failed) => listener.once("error", failed).listen(0, "127.0.0.1", ready));
console.log(`listening http://127.0.0.1:${listener.address().port}`);

// Whoever started this holds the other end of standard input: it closes with them, however they end.
for (const event of ["end", "close", "error"]) process.stdin.on(event, () => process.exit(0));
process.stdin.resume();
