// For a notebook's cell or the REPL: paste all of it. The value is there on the last line, and any plain code of a
// later cell (a sort, a getter, a map) can call titleOf as well.
const { run } = require('isthmus');

const titleOf = (url) => {
  const page = run(fetch(url).then((response) => response.text()));
  return /<title>(.*?)<\/title>/.exec(page)?.[1] ?? '';
};

titleOf(process.env.PAGE ?? 'https://nodejs.org');
