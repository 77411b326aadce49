// Reads a JSON list of Kubernetes objects and prints a JSON list of what is wrong with them, by the schemas of
// Kubernetes' API. Those allow fields that they do not know, and so does the API: it drops them. What a
// validator never looks at is such a field, and most often a misspelt one; it is found by watching.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

function schemaOf({ apiVersion, kind }) {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const name = group.split(".")[0].replace(/^./, (c) => c.toUpperCase()) + version.replace(/^./, (c) => c.toUpperCase());
  // Not among what the package exports by name, but there.
  return require(path.join(path.dirname(require.resolve("kubernetes-models")), "_schemas", `IoK8sApi${name}${kind}.js`)).validate;
}

// The object, but each of its fields that is read is added to `seen` by its path.
function watched(value, at, seen) {
  if (value === null || typeof value !== "object") return value;
  return new Proxy(value, {
    get(target, key) {
      seen.add(`${at}/${String(key)}`);
      return typeof key === "string" ? watched(target[key], `${at}/${key}`, seen) : target[key];
    },
  });
}

function paths(value, at) {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${at}/${key}`, ...paths(inner, `${at}/${key}`)]);
}

function faultsIn(object) {
  const seen = new Set();
  const validate = schemaOf(object);
  validate(watched(object, "", seen));
  const errors = (validate.errors ?? []).map((error) => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`);
  const unknown = paths(object, "").filter((at) => !seen.has(at));
  return [...errors, ...unknown.map((at) => `${at}: unknown`)].map((fault) => `${object.kind}${fault}`);
}

console.log(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).flatMap(faultsIn)));
