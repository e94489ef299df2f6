// Reads feeds with feedsmith, an independent parser: one JSON line {"text": ...} in, one JSON line {format, feed} out.
// FEEDSVC_TEST_NODE_MODULES names the folder that holds the package.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.env.FEEDSVC_TEST_NODE_MODULES, "here.js"));
const { parseFeed } = require("feedsmith");

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = parseFeed(JSON.parse(line).text);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
