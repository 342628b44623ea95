// Markdown with highlighted code, as HTML.
import hljs from 'highlight.js';
import { respond } from 'isthmus/fastify';
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({
  highlight: (code, language) => (hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : ''),
});

export function render({ body }) {
  return respond({
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: markdown.render(String(body)),
  });
}
