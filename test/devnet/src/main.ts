import { parseArguments, USAGE } from "./args.ts";

const args = parseArguments(process.argv.slice(2));
if (args.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

if (args.exitWithParent) {
  // The parent's end of the pipe closes however it dies, SIGKILL included.
  for (const event of ["end", "close", "error"]) process.stdin.on(event, () => process.exit(0));
  process.stdin.resume();
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));

// The preset is fixed when the first package is imported, so the rest is imported after it is known.
process.env.LODESTAR_PRESET = args.options.preset ?? "minimal";
const { run } = await import("./run.ts");
const ready = await run(args);
process.stdout.write(`${JSON.stringify(ready)}\n`);
