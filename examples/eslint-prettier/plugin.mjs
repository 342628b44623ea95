/**
 * The rule `prettier/prettier`: reports where a file differs from what Prettier makes of it, and fixes that.
 *
 * ESLint's rules are sync and Prettier's API is async. The bridge between the two is `formatBy`; all else is as it would
 * be if Prettier had stayed sync. The rule's options are Prettier's, and how to cross:
 *
 *   'prettier/prettier': ['error', { singleQuote: true }, { path: 'thread' }]
 */
import { run, runInThread, toSync } from 'isthmus';
import { generateDifferences, showInvisibles } from 'prettier-linter-helpers';
import { format } from './format.mjs';

/** The sync twin of `format`, by each path. */
const formatBy = {
  /** The event loop is re-entered on this thread. Other callbacks run meanwhile: ESLint may begin the next file. */
  loop: (source, options) => run(() => format(source, options)),
  /** The service thread formats, this one sleeps. */
  thread: (source, options) => runInThread(format, source, options),
  /** Whichever is open. */
  auto: toSync(format),
};

const meta = {
  type: 'layout',
  docs: { description: 'Writes a file the way Prettier does' },
  fixable: 'code',
  schema: [
    { type: 'object' },
    {
      type: 'object',
      properties: { path: { enum: Object.keys(formatBy) } },
      additionalProperties: false,
    },
  ],
  messages: {
    insert: 'Insert `{{ insertText }}`',
    delete: 'Delete `{{ deleteText }}`',
    replace: 'Replace `{{ deleteText }}` with `{{ insertText }}`',
  },
};

function report(context, { operation, offset, deleteText = '', insertText = '' }) {
  const range = [offset, offset + deleteText.length];
  const [start, end] = range.map((index) => context.sourceCode.getLocFromIndex(index));
  context.report({
    messageId: operation,
    data: { deleteText: showInvisibles(deleteText), insertText: showInvisibles(insertText) },
    loc: { start, end },
    fix: (fixer) => fixer.replaceTextRange(range, insertText),
  });
}

/** What Prettier cannot parse is a finding as well; any other error is the rule's own. */
function reportSyntaxError(context, error) {
  if (!(error instanceof SyntaxError)) throw error;
  const { line = 1, column = 1 } = error.loc?.start ?? {};
  const message = error.message.replace(`\n${error.codeFrame}`, '').replace(/ \(\d+:\d+\)$/, '');
  context.report({ message: `Parsing error: ${message}`, loc: { line, column: column - 1 } });
}

function create(context) {
  const [options, { path = 'auto' } = {}] = context.options;
  return {
    Program() {
      const source = context.sourceCode.text;
      try {
        const formatted = formatBy[path](source, { ...options, filepath: context.physicalFilename });
        for (const difference of generateDifferences(source, formatted)) report(context, difference);
      } catch (error) {
        reportSyntaxError(context, error);
      }
    },
  };
}

export default {
  meta: { name: 'prettier' },
  rules: { prettier: { meta, create } },
};
