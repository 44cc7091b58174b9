'use strict';
// An ESLint rule of our own, since `no-floating-promises` is content with a promise that has a name.

/**
 * For workflows. No one hears of the failure of a promise that is kept under a name until that name is awaited, and
 * Temporal fails the task of a workflow with an unhandled rejection, again and again: the run stands still for ever, past
 * the drop too. What says itself what follows a failure (`.catch(…)`, `.then(…, …)`) may have a name.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
const awaited = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      kept: 'await it here, or write it into Promise.all or Promise.allSettled: until "{{name}}" is awaited, its failure is an unhandled rejection',
    },
  },
  create(context) {
    const { esTreeNodeToTSNodeMap, program } = context.sourceCode.parserServices;
    if (!program) return {}; // a text that is no file of the project has no types
    const checker = program.getTypeChecker();
    return {
      VariableDeclarator: (/** @type {any} */ node) => {
        if (node.init?.type !== 'CallExpression' || isHandled(node.init)) return;
        const type = checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node.init));
        if (type.getSymbol()?.getName() !== 'Promise') return;
        context.report({ node, messageId: 'kept', data: { name: context.sourceCode.getText(node.id) } });
      },
    };
  },
};

/** @param {any} call */
function isHandled({ callee, arguments: given }) {
  const name = callee.property?.name;
  return name === 'catch' || (name === 'then' && given.length === 2);
}

module.exports = { awaited };
