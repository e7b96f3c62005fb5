// A person with a browser, scripted: opens a URL, follows redirects, fills in every login page, agrees to
// everything, and prints the text of the page it ends at. `BROWSER` is set to it in tests.
//
//   node browser.mjs URL [LAST]
//
// A redirect whose URL begins with LAST is not followed: it is printed instead.

import process from "node:process";

const [start, last] = process.argv.slice(2);
const cookies = new Map();
let [url, request] = [start, { method: "GET" }];

function attributes(tag) {
  const unescaped = (text) => text.replace(/&amp;/g, "&").replace(/&quot;/g, '"').replace(/&#39;/g, "'");
  return Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, unescaped(value)]));
}

// What a person would write into an input.
const written = { login: "anna", username: "anna", password: "hush-hush" };

for (let step = 0; step < 30; step += 1) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(url, { ...request, redirect: "manual", headers: { ...request.headers, cookie } });
  for (const field of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(field);
    if (value === "") cookies.delete(name);
    else cookies.set(name, value);
  }
  const location = response.headers.get("location");
  if (location !== null) {
    url = new URL(location, url).href;
    request = { method: "GET" };
    if (last !== undefined && url.startsWith(last)) {
      console.log(url);
      process.exit(0);
    }
    continue;
  }
  const page = await response.text();
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/.exec(page);
  if (form === null) {
    console.log(`${response.status} ${page.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim()}`);
    process.exit(0);
  }
  const { action = url } = attributes(form[1]);
  const inputs = [...form[2].matchAll(/<input\b[^>]*>/g)].map(([tag]) => attributes(tag));
  const fields = inputs.filter(({ name }) => name).map(({ name, value }) => [name, value ?? written[name] ?? ""]);
  for (const field of fields) if (written[field[0]] && field[1] === "") field[1] = written[field[0]];
  // The page of the device flow confirms with a button outside of the form.
  const [, confirm] = /<button\b[^>]*\bname="(confirm)"/.exec(page) ?? [];
  if (confirm) fields.push([confirm, "yes"]);
  url = new URL(action, url).href;
  request = {
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
}
console.log("the pages go round in a circle");
process.exit(1);
