// Starts oidc-provider on a free loopback port, prints `listening URL` when it is ready and exits when
// standard input closes. What its clients are and what they may do stands below, and in README.md.
//
//   node oidc.mjs [--expires-in SECONDS] [--dpop-nonce] [--tls FOLDER [--aliases]]

import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

function fail(message) {
  console.error(`tests/outside/oidc.mjs: ${message}`);
  process.exit(1);
}

let options;
try {
  options = parseArgs({
    options: { "expires-in": { type: "string" }, "dpop-nonce": { type: "boolean" }, tls: { type: "string" }, aliases: { type: "boolean" } },
  }).values;
  if (options["expires-in"] !== undefined && !/^\d{1,9}$/.test(options["expires-in"]))
    throw new Error("--expires-in takes a whole number of seconds");
} catch (error) {
  fail(error.message);
}
const lifetime = Number(options["expires-in"] ?? 3600);

// The packages are not in a node_modules folder above this file, so they are named by their paths.
const load = (file) =>
  import(new URL(`.servers/node/node_modules/${file}`, import.meta.url)).catch((error) =>
    fail(`${file} does not load (${error.code ?? error}); run tests/outside/install.sh first`),
  );
const { default: Provider } = await load("oidc-provider/lib/index.js");
const { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } = await load("jose/dist/webapi/index.js");

// The server's own keys are new each time; those of its clients are fixed, so that tests can sign with them.
const jwks = { keys: [] };
for (const [kid, alg] of [["server-rsa", "RS256"], ["server-ec", "ES256"], ["server-ed", "EdDSA"]]) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  jwks.keys.push({ ...(await exportJWK(privateKey)), kid, alg, use: "sig" });
}
const clientKey = (kid) => {
  const pem = readFileSync(new URL(`keys/${kid}.pem`, import.meta.url));
  return { ...createPublicKey(createPrivateKey(pem)).export({ format: "jwk" }), kid, use: "sig" };
};
const clientKeys = { keys: ["rsa", "ec", "ed25519"].map(clientKey) };

const SECRET = "a-secret-of-enough-letters-for-hs256-0123456789";
const CALLBACK = "https://app.example.com/callback";
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const code = (client) => ({
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  ...client,
});
const machine = (client) => ({ redirect_uris: [], response_types: [], grant_types: ["client_credentials"], ...client });
const native = { application_type: "native", token_endpoint_auth_method: "none" };

const clients = [
  code({ client_id: "web", client_secret: SECRET }),
  code({
    ...native,
    client_id: "native",
    // The port of a loopback redirect URI is not compared (RFC 8252, section 7.3).
    redirect_uris: [
      "http://127.0.0.1/callback",
      "http://[::1]/callback",
      "http://localhost/callback",
      "com.example.app:/callback",
    ],
  }),
  code({ client_id: "par", client_secret: SECRET, require_pushed_authorization_requests: true }),
  {
    ...native,
    client_id: "device",
    redirect_uris: [],
    response_types: [],
    grant_types: [DEVICE, "refresh_token"],
  },
  machine({ client_id: "machine", client_secret: SECRET }),
  machine({ client_id: "post", client_secret: SECRET, token_endpoint_auth_method: "client_secret_post" }),
  machine({ client_id: "secret-jwt", client_secret: SECRET, token_endpoint_auth_method: "client_secret_jwt" }),
  machine({ client_id: "key-jwt", jwks: clientKeys, token_endpoint_auth_method: "private_key_jwt" }),
  code({
    client_id: "key-jwt-code",
    jwks: clientKeys,
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", DEVICE, "refresh_token"],
  }),
  code({
    client_id: "secret-jwt-code",
    client_secret: SECRET,
    token_endpoint_auth_method: "client_secret_jwt",
    grant_types: ["authorization_code", DEVICE, "refresh_token"],
  }),
  machine({ client_id: "dpop", client_secret: SECRET, dpop_bound_access_tokens: true }),
  code({ client_id: "dpop-code", client_secret: SECRET, dpop_bound_access_tokens: true }),
];
if (options.tls) {
  clients.push(
    machine({
      client_id: "tls",
      token_endpoint_auth_method: "tls_client_auth",
      tls_client_auth_subject_dn: "CN=callsheet-client",
      tls_client_certificate_bound_access_tokens: true,
    }),
  );
}

const certificate = (ctx) => ctx.socket.getPeerX509Certificate?.();
const configuration = {
  clients,
  jwks,
  cookies: { keys: [randomBytes(16).toString("hex")] },
  scopes: ["openid", "offline_access", "read", "write"],
  claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
  clientAuthMethods: [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
    ...(options.tls ? ["tls_client_auth"] : []),
  ],
  // All that its keys can, so that tests choose.
  enabledJWA: {
    clientAuthSigningAlgValues: ["HS256", "RS256", "PS256", "ES256", "EdDSA"],
    dPoPSigningAlgValues: ["ES256", "EdDSA", "RS256"],
    idTokenSigningAlgValues: ["RS256", "ES256", "EdDSA"],
  },
  issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: true,
  // Any login exists; the password is not looked at.
  findAccount: async (_, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, name: `User ${sub}`, email: `${sub}@example.com` }),
  }),
  ttl: {
    AccessToken: lifetime,
    ClientCredentials: lifetime,
    IdToken: lifetime,
    AuthorizationCode: 60,
    DeviceCode: 120,
    Grant: 7200,
    Interaction: 600,
    RefreshToken: 7200,
    Session: 7200,
  },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => options["dpop-nonce"] === true },
    // https://api.example.com/… has tokens that are JWTs; every other resource, and none, opaque ones.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: (_, resource) => ({
        scope: "read write",
        audience: resource,
        accessTokenTTL: lifetime,
        accessTokenFormat: resource.startsWith("https://api.example.com/") ? "jwt" : "opaque",
        jwt: { sign: { alg: "RS256" } },
      }),
    },
    mTLS: {
      enabled: options.tls !== undefined,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: certificate,
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === "tls_client_auth_subject_dn" && certificate(ctx)?.subject === expected,
    },
  },
};

let server;
let mutual;
let scheme = "http";
if (options.tls) {
  const read = (file) => readFileSync(path.join(options.tls, file));
  const tls = { ca: read("ca.pem"), cert: read("server.pem"), key: read("server.key") };
  // Without a certificate a client gets as far as being refused by name.
  server = https.createServer({ ...tls, requestCert: !options.aliases, rejectUnauthorized: false });
  if (options.aliases) mutual = https.createServer({ ...tls, requestCert: true, rejectUnauthorized: false });
  scheme = "https";
} else {
  server = http.createServer();
}
for (const each of [server, mutual])
  if (each) await new Promise((ready, failed) => each.once("error", failed).listen(0, "127.0.0.1", ready));
if (mutual) {
  const at = `https://127.0.0.1:${mutual.address().port}`;
  const mtls_endpoint_aliases = { token_endpoint: `${at}/token`, revocation_endpoint: `${at}/token/revocation` };
  configuration.discovery = { mtls_endpoint_aliases };
}
const issuer = `${scheme}://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, configuration);
for (const event of ["server_error", "grant.error", "authorization.error", "pushed_authorization_request.error"])
  provider.on(event, (...args) => console.error(event, args.at(event === "server_error" ? 1 : -1)));
const oidc = provider.callback();
const keys = createLocalJWKSet({ keys: jwks.keys.map(({ d, p, q, dp, dq, qi, ...publicKey }) => publicKey) });

// `/api`: whose token this is, opaque or a JWT. It is the one endpoint that is ours and not the package's.
async function api(request, response) {
  const token = /^(?:Bearer|DPoP) (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  let body;
  if (token?.split(".").length === 3) {
    body = await jwtVerify(token, keys, { issuer }).then(({ payload }) => payload, () => undefined);
  } else if (token) {
    const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    const shown = request.socket.getPeerX509Certificate?.()?.raw;
    const bound = found?.["x5t#S256"];
    // A token that is bound to a certificate is of use to nobody else (RFC 8705, section 3).
    const owned = !bound || (shown && createHash("sha256").update(shown).digest("base64url") === bound);
    if (found && owned) body = { sub: found.accountId, client_id: found.clientId, aud: found.aud, scope: found.scope };
  }
  response.writeHead(body ? 200 : 401, { "content-type": "application/json" });
  response.end(JSON.stringify(body ?? { error: "invalid_token" }));
}
for (const each of [server, mutual])
  each?.on("request", (request, response) =>
    request.url.split("?")[0] === "/api" ? void api(request, response) : oidc(request, response),
  );

process.stdout.write(`listening ${issuer}\n`);

// The package gives advice on standard output, where nobody may be reading any more.
process.stdout.on("error", () => {});

// Whoever started this holds the other end of standard input: it closes with them, however they end.
for (const event of ["end", "close", "error"]) process.stdin.on(event, () => process.exit(0));
process.stdin.resume();
