// What must be in no bundle: globals of Node that browsers lack, and what a service worker or a strict Content Security
// Policy refuses. Found in the syntax tree: a text search would find ArrayBuffer, and miss globalThis.process.
import { parseAst } from "rollup/parseAst";

const NODE_GLOBALS = ["Buffer", "process", "require", "global", "__dirname", "__filename", "setImmediate"];
const WORKERS = ["Worker", "SharedWorker"];
const GLOBAL_OBJECTS = ["globalThis", "self", "window", "global"];

/**
 * @param {string} code a bundle: one script or module, nothing to be resolved
 * @returns {string[]} what is in it that must not be, with the code around; empty for a good one
 */
export function forbiddenIn(code) {
  const tree = parseAst(code, { allowReturnOutsideFunction: true });
  const declared = declaredNames(tree);
  const found = [];
  walk(tree, null, 0, (node, parent, depth) => {
    const what = offenceOf(node, parent, depth, (name) => globalOf(name, declared));
    if (what !== null) found.push(`${what}: ${excerpt(code, node)}`);
  });
  return found;
}

function offenceOf(node, parent, depth, global) {
  switch (node.type) {
    case "ImportExpression":
      return "dynamic import";
    case "AwaitExpression":
      return depth === 0 ? "top-level await" : null;
    case "ForOfStatement":
      return node.await && depth === 0 ? "top-level await" : null;
    case "NewExpression":
      if (WORKERS.includes(global(node.callee))) return "a worker of the library's own";
      return global(node.callee) === "Function" ? "code from text" : null;
    case "CallExpression":
      return global(node.callee) === "Function" ? "code from text" : null;
    case "MemberExpression":
      return offenceOfName(global(node));
    case "Identifier":
      return isReference(node, parent) ? offenceOfName(global(node)) : null;
    default:
      return null;
  }
}

function offenceOfName(name) {
  if (name === "eval") return "code from text";
  return NODE_GLOBALS.includes(name) ? "a global of Node" : null;
}

/** Name of the global that an expression is: `name`, or `globalThis.name`. */
function globalOf(node, declared) {
  if (node.type === "Identifier") return declared.has(node.name) ? undefined : node.name;
  if (node.type !== "MemberExpression" || !GLOBAL_OBJECTS.includes(globalOf(node.object, declared))) return undefined;
  return node.computed ? node.property.value : node.property.name;
}

/** Is the identifier a variable, not the name of a property or a label? */
function isReference(node, parent) {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node || parent.computed;
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.value === node || parent.computed;
    case "ExportSpecifier":
      return parent.local === node && parent.exported !== node;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "ImportSpecifier":
      return false;
    default:
      return true;
  }
}

/** Names that the file itself declares somewhere: these are not the globals, wherever they are used. */
function declaredNames(tree) {
  const names = new Set();
  const add = (pattern) => {
    if (pattern !== null && pattern !== undefined) for (const name of namesOf(pattern)) names.add(name);
  };
  walk(tree, null, 0, (node) => {
    if (node.type === "VariableDeclarator") add(node.id);
    else if (node.type === "CatchClause") add(node.param);
    else if (node.type.startsWith("Import") && node.local) add(node.local);
    else if (isFunction(node)) for (const pattern of [node.id, ...node.params]) add(pattern);
    else if (node.type.startsWith("Class")) add(node.id);
  });
  return names;
}

function namesOf(pattern) {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => namesOf(property.value ?? property.argument));
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : namesOf(element)));
    case "AssignmentPattern":
      return namesOf(pattern.left);
    case "RestElement":
      return namesOf(pattern.argument);
    default:
      return [];
  }
}

function isFunction({ type }) {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

/** @param depth how many functions are around */
function walk(node, parent, depth, visit) {
  visit(node, parent, depth);
  const inner = isFunction(node) ? depth + 1 : depth;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") walk(child, node, inner, visit);
    }
  }
}

function excerpt(code, { start }) {
  return code
    .slice(Math.max(0, start - 30), start + 50)
    .replace(/\s+/g, " ")
    .trim();
}
