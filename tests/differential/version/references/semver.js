// node-semver. Argument: compare or match. Lines in, an answer a line; x for what it refuses.
const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n");
lines.pop();
const out = lines.map((line) => {
  const [a, b] = line.split("\t");
  if (process.argv[2] === "match") {
    const range = semver.validRange(b);
    return semver.valid(a) === null || range === null ? "x" : String(semver.satisfies(a, b));
  }
  return semver.valid(a) === null || semver.valid(b) === null ? "x" : String(semver.compare(a, b));
});
process.stdout.write(out.join("\n") + "\n");
