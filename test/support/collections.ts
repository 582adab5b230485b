import ts from 'typescript';

const KINDS: ReadonlySet<string> = new Set(['Map', 'Set', 'LRUCache', 'DueHeap', 'Deadlines']);
const CHANGING: ReadonlySet<string> = new Set(['add', 'push', 'set', 'unshift']);

/**
 * The collections of a source file that live longer than one call and may grow, as `Outbox.#flushes`: properties of
 * classes, constants and variables of the module, and locals that a function inside of theirs changes. Those that are typed
 * as read-only and those of weak keys are left out.
 */
export function collectionsOf(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyDeclaration(node) && isCollection(node)) {
      const { name = { text: '' } } = node.parent as ts.ClassLikeDeclaration;
      found.push(`${name.text}.${node.name.getText()}`);
    }
    if (ts.isVariableDeclaration(node) && isCollection(node) && !isReadonly(node)) {
      const name = node.name.getText();
      const own = functionAround(node);
      if (isChangedIn(own ?? source, name, own)) found.push(name);
    }
    if (ts.isBinaryExpression(node) && isAssignment(node)) {
      const own = ts.findAncestor(node, ts.isClassLike)?.name?.text;
      found.push(`${own}.${(node.left as ts.PropertyAccessExpression).name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...new Set(found)];
}

/** `this.#callers ??= new Set()` */
function isAssignment({ left, right }: ts.BinaryExpression): boolean {
  const isOwn =
    ts.isPropertyAccessExpression(left) && left.expression.kind === ts.SyntaxKind.ThisKeyword;
  return isOwn && ts.isNewExpression(right) && KINDS.has(right.expression.getText());
}

function isCollection({ initializer }: ts.PropertyDeclaration | ts.VariableDeclaration): boolean {
  if (initializer === undefined) return false;
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
  return ts.isNewExpression(initializer) && KINDS.has(initializer.expression.getText());
}

function isReadonly({ type }: ts.VariableDeclaration): boolean {
  return type !== undefined && /^(?:Readonly|readonly )/u.test(type.getText());
}

function functionAround(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node.parent, ts.isFunctionLike);
}

/** Whether a function inside of `own` changes the variable. For a variable of a module, any function counts. */
function isChangedIn(scope: ts.Node, name: string, own: ts.Node | undefined): boolean {
  let isChanged = false;
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.expression.getText() === name &&
      CHANGING.has(node.expression.name.text) &&
      functionAround(node) !== own
    ) {
      isChanged = true;
    }
    ts.forEachChild(node, visit);
  };
  visit(scope);
  return isChanged;
}
