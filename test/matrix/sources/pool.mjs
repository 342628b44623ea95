// Completions of the thread pool.
import { scrypt } from 'node:crypto';
import { lookup } from 'node:dns';
import { promises, readFile, stat } from 'node:fs';
import { deflate } from 'node:zlib';

export const fsCallback = {
  title: 'fs callback',
  fire: (_, call) => stat('.', () => call()),
};

export const fsRead = {
  title: 'fs.readFile callback',
  fire: (_, call) => readFile(new URL(import.meta.url), () => call()),
};

export const fsPromise = {
  title: 'fs promise continuation',
  async fire(_, call) {
    await promises.stat('.');
    call();
  },
};

export const dnsLookup = {
  title: 'dns.lookup callback',
  fire: (_, call) => lookup('localhost', () => call()),
};

export const cryptoScrypt = {
  title: 'crypto.scrypt callback',
  fire: (_, call) => scrypt('secret', 'salt', 16, { N: 256 }, () => call()),
};

export const zlibDeflate = {
  title: 'zlib.deflate callback',
  fire: (_, call) => deflate('piece', () => call()),
};
