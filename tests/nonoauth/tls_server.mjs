// Starts an https server of node on a free loopback port, prints `listening PORT` when it is ready and exits when standard
// input closes.
//
//   node tls_server.mjs FOLDER [--require]
//
// FOLDER holds server.pem, server.key and ca.pem. With --require only clients with a certificate of ca.pem get through.

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import process from "node:process";

const [folder, flag] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name));

const server = createServer(
  {
    cert: read("server.pem"),
    key: read("server.key"),
    ca: read("ca.pem"),
    requestCert: true,
    rejectUnauthorized: flag === "--require",
  },
  async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url, "https://localhost");
    const client = request.socket.authorized ? request.socket.getPeerCertificate().subject.CN : null;
    const answer = (status, json, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    };
    if (url.pathname === "/redirect") return answer(302, {}, { location: url.searchParams.get("to") });
    if (url.pathname === "/.well-known/openid-configuration") {
      const issuer = `https://${request.headers.host}`;
      return answer(200, { issuer, jwks_uri: `${issuer}/keys` });
    }
    if (url.pathname === "/keys") return answer(200, JSON.parse(readFileSync(join(folder, "keys.json"), "utf8")));
    if (url.pathname !== "/token") {
      return answer(200, { client, authorization: request.headers.authorization ?? null });
    }
    const form = new URLSearchParams(body);
    if (client === null || form.get("client_id") !== client || form.has("client_secret")) {
      return answer(401, { error: "invalid_client" });
    }
    answer(200, { access_token: `token-of-${client}`, token_type: "Bearer", expires_in: 600 });
  },
);

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
server.listen(0, "localhost", () => console.log(`listening ${server.address().port}`));
