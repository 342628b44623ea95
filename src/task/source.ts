// A function sent by its source, for who asks for it: it must stand alone. What it captures is V8's to say; which of
// these names it uses is read from its text. A name that is shadowed inside counts as used: refused is better than
// a function that finds something else under that name on the other side.
import { Script } from 'node:vm';
import { InvalidArgumentError, NoAddressError } from '../errors.js';
import { inspect } from './inspect.js';
import type { Callable } from './pick.js';

const instead = 'Pass these as arguments, or export the function and let it be found by its module.';

/** An expression that makes the function anew; NoAddressError where that would be another function. */
export function sourceOf(fn: Callable): string {
  if (typeof fn !== 'function') {
    throw new InvalidArgumentError(`A function is expected here, not ${fn === null ? 'null' : typeof fn}.`);
  }
  const facts = inspect(fn);
  const refuse = (why: string, what = instead): never => {
    throw new NoAddressError(why, what);
  };
  if (!facts) return refuse('no inspector here can say what it captures', 'Export it from a module instead.');
  if (facts.kind !== 'plain')
    return refuse(`it is a ${facts.kind} function and has no source`, 'Write a function that calls it.');
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(text))
    return refuse('it has no source', 'Write a function that calls it.');
  if (/^class\b/.test(text))
    return refuse('it is a class', 'Write a function that makes and uses the object.');

  if (/^(?:static\s+)?[gs]et\s+[^\s(]/.test(text))
    return refuse('it is the function of a getter or setter', 'Write a function that does the same.');
  const used = identifiersIn(text);
  const captured = [...new Set(facts.scopes.flatMap(({ names }) => names))].filter((name) => used.has(name));
  if (captured.length > 0) return refuse(`it captures ${captured.join(', ')}`);
  if (used.has('eval') || used.has('\\')) {
    return refuse(
      `it uses ${used.has('eval') ? 'eval' : 'escapes in names'}, so what it captures cannot be told`,
    );
  }
  if (used.has('super')) return refuse('it uses super', 'Write a function that calls the method.');
  const isArrow = !/^(?:async\b\s*)?function\b/.test(text) && compiles(`(${text}\n)`);
  const outer = ['this', 'arguments'].filter((name) => used.has(name));
  if (isArrow && outer.length > 0)
    return refuse(`it is an arrow function and uses the ${outer.join(' and ')} around it`);
  // What it imports would be looked for beside isthmus.
  if (used.has('import') && /\bimport\s*\((?!\s*['"](?:node:|file:))/.test(text)) {
    return refuse(
      'it imports by a specifier that means something else elsewhere',
      "Import 'node:…' or a file: URL.",
    );
  }
  // A method's text is only one inside an object.
  for (const source of [`(${text}\n)`, `Object.values({${text}\n})[0]`]) if (compiles(source)) return source;
  return refuse('its source does not stand alone in strict mode', 'Export it from a module instead.');
}

/** The function of a source that `sourceOf` gave, in strict mode and in no scope but the global one. */
export function compile(source: string): (...args: unknown[]) => unknown {
  return new Function(`'use strict'; return ${source};`)() as (...args: unknown[]) => unknown;
}

/** Parses only; where code generation is forbidden a script still parses. */
function compiles(source: string): boolean {
  try {
    new Script(`'use strict'; ${source};`);
    return true;
  } catch {
    return false;
  }
}

const word = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const words = new RegExp(word.source, 'gu');
/** After these a slash begins a regular expression although a word stands before it. */
const operators = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await'.split(' '),
);

/** The identifiers of a text, keywords included; without those in strings, comments, regexes and after a dot. */
export function identifiersIn(text: string): Set<string> {
  const found = new Set<string>();
  // Depths of braces at which a template's text goes on.
  const templates: number[] = [];
  let depth = 0;
  let last = '';
  let at = 0;

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const template = (): void => {
    skip(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y);
    if (text.startsWith('${', at)) {
      templates.push(depth++);
      at += 2;
      last = '{';
    } else {
      at += 1;
      last = '`';
    }
  };

  while (at < text.length) {
    if (skip(/\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\//y)) continue;
    if (skip(/'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y)) {
      last = '"';
      continue;
    }
    const char = text[at] as string;
    if (char === '`') {
      at += 1;
      template();
      continue;
    }
    word.lastIndex = at;
    const name = word.exec(text)?.[0];
    if (name !== undefined) {
      at += name.length;
      if (last !== '.' && last !== '#') found.add(name);
      last = last === '.' ? 'property' : name;
      continue;
    }
    if (skip(/\d[\w.]*/y)) {
      last = '0';
      continue;
    }
    if (char === '/') {
      // After these it may be a division or, as in `if (x) /re/`, a regular expression. Then all that follows counts.
      if (/^[)}+-]$/.test(last)) for (const [each] of text.slice(at).matchAll(words)) found.add(each);
      const follows = last === '' || operators.has(last) || !/[\p{ID_Continue}$)\]}"`+-]$/u.test(last);
      if (follows && skip(/\/(?:[^\\/[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\/\w*/y)) {
        last = '0';
        continue;
      }
    }
    // A name with an escape in it: said, for it could be any.
    if (char === '\\') found.add(char);
    if (text.startsWith('...', at)) {
      at += 3;
      last = '...;';
      continue;
    }
    at += 1;
    if (char === '{') depth += 1;
    if (char === '}') {
      depth -= 1;
      if (templates.at(-1) === depth) {
        templates.pop();
        template();
        continue;
      }
    }
    last = char;
  }
  return found;
}
