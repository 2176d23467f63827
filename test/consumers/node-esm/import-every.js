// Imports the modules that the arguments name, one by one, and prints what else that did: `{ module: [effects] }`.
// Whoever imports a module to use one function of it must get nothing but that function.
const effects = [];

// some globals Node makes when they are first looked at
snapshot();

for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming", "validate"]) {
  tellCalls(WebAssembly, name, `WebAssembly.${name}`);
}
for (const name of ["Module", "Instance", "Memory"]) tellConstructions(WebAssembly, name, `WebAssembly.${name}`);
for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"]) {
  tellCalls(globalThis, name, name);
}
for (const name of ["log", "info", "warn", "error", "debug"]) tellCalls(console, name, `console.${name}`);

const outcome = {};
for (const module of process.argv.slice(2)) {
  const before = snapshot();
  try {
    await import(module);
  } catch (error) {
    outcome[module] = [`failed: ${error.code} ${error.message}`];
    continue;
  }
  const after = snapshot();
  for (const [what, names] of Object.entries(after)) {
    for (const name of names) if (!before[what]?.includes(name)) effects.push(`${what} has ${name}`);
  }
  outcome[module] = effects.splice(0);
}
process.stdout.write(JSON.stringify(outcome));

function tellCalls(owner, name, title) {
  const original = owner[name];
  owner[name] = function (...args) {
    tell(`calls ${title}`);
    return original.apply(this, args);
  };
}

function tellConstructions(owner, name, title) {
  owner[name] = new Proxy(owner[name], {
    construct(target, args) {
      tell(`makes a ${title}`);
      return new target(...args);
    },
  });
}

/** Node's own modules may do the same at any time: that is not what an import did. */
function tell(effect) {
  const callers = new Error().stack.split("\n").slice(3);
  if (callers.some((line) => !line.includes("node:"))) effects.push(effect);
}

/** Everything shared that a module could add to: globals, prototypes, listeners, handles. */
function snapshot() {
  const globals = Reflect.ownKeys(globalThis).map(String);
  const builtins = globals.map((name) => [name, globalThis[name]]).filter(([, value]) => typeof value === "function");
  return {
    globalThis: globals,
    ...Object.fromEntries(builtins.map(([name, value]) => [name, keysOf(value)])),
    ...Object.fromEntries(builtins.map(([name, value]) => [`${name}.prototype`, keysOf(value.prototype)])),
    process: process.eventNames().map((name) => `${process.listenerCount(name)} listeners of ${String(name)}`),
    "the event loop": process.getActiveResourcesInfo().filter((name) => !/FSReq|Pipe|TTY|Immediate/.test(name)),
  };
}

function keysOf(value) {
  return value === undefined || value === null ? [] : Reflect.ownKeys(value).map(String);
}
