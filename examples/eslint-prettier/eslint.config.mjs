import prettier from './plugin.mjs';

export default [
  {
    files: ['**/*.{js,mjs,cjs}'],
    plugins: { prettier },
    rules: { 'prettier/prettier': ['warn', {}, { path: 'auto' }] },
  },
];
