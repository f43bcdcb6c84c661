'use strict';
// Makes a package do what it does: loads it, calls what it offers, runs its programs. It judges nothing.
// Usage: node <this> <what> <path>, where <what> is require, import, call or program.
const settings = { days: 0, hurry: 1, platform: '' };

// Private copies: what follows changes the world that the package sees, and this script with it.
const own = { setTimeout, clearTimeout, Date, now: Date.now.bind(Date), exit: process.exit.bind(process) };
const [what, path] = process.argv.slice(2);
const PATIENCE = 2000;
const WHOLE = 12000;
const CALLS = 200;

function shiftClock(days) {
  const Real = own.Date;
  const offset = days * 86400000;
  class Shifted extends Real {
    constructor(...given) {
      if (given.length) super(...given);
      else super(Real.now() + offset);
    }
    static now() {
      return Real.now() + offset;
    }
  }
  const Both = new Proxy(Shifted, { apply: () => new Shifted().toString() });
  Object.defineProperty(Shifted.prototype, 'constructor', { value: Both, configurable: true, writable: true });
  globalThis.Date = Both;
}

function hurryTimers(factor) {
  const shorter = (wait) => (wait > 50 ? Math.max(1, wait / factor) : wait);
  const timers = require('timers');
  const promises = require('timers/promises');
  for (const [holder, name] of [[globalThis, 'setTimeout'], [globalThis, 'setInterval'], [timers, 'setTimeout'], [timers, 'setInterval']]) {
    const real = holder[name];
    const hurried = (work, wait, ...rest) => real(work, shorter(wait), ...rest);
    if (name === 'setTimeout') {
      const promised = (wait, value) => new Promise((done) => real(done, shorter(wait), value));
      Object.defineProperty(hurried, require('util').promisify.custom, { value: promised, enumerable: true });
    }
    holder[name] = hurried;
  }
  for (const name of ['setTimeout', 'setInterval']) {
    const real = promises[name];
    promises[name] = (wait, ...rest) => real(shorter(wait), ...rest);
  }
  const realWait = Atomics.wait.bind(Atomics);
  Atomics.wait = (array, index, value, wait) => realWait(array, index, value, wait === undefined ? wait : shorter(wait));
}

function playPlatform(name) {
  const os = require('os');
  const windows = name === 'win32';
  Object.defineProperty(process, 'platform', { value: name, configurable: true, enumerable: true });
  os.platform = () => name;
  os.type = () => (windows ? 'Windows_NT' : 'Darwin');
  os.release = () => (windows ? '10.0.22631' : '23.5.0');
  os.version = () => (windows ? 'Windows 11 Pro' : 'Darwin Kernel Version 23.5.0');
  const home = os.homedir();
  const folders = windows
    ? { APPDATA: '/AppData/Roaming', LOCALAPPDATA: '/AppData/Local', USERPROFILE: '', TEMP: '/AppData/Local/Temp' }
    : {};
  for (const [variable, folder] of Object.entries(folders)) process.env[variable] = home + folder;
  if (windows) Object.assign(process.env, { OS: 'Windows_NT', ComSpec: '/bin/sh', SystemRoot: home, COMPUTERNAME: os.hostname(), USERNAME: 'annika' });
}

// Something that is whatever one wants it to be.
function mock(depth) {
  const call = function () {};
  return new Proxy(call, {
    get(target, key) {
      if (key === Symbol.toPrimitive) return (hint) => (hint === 'number' ? 1 : 'sample');
      if (key === Symbol.iterator) return [][Symbol.iterator];
      if (key === Symbol.asyncIterator || key === 'then') return undefined;
      if (key === 'toString' || key === 'valueOf' || key === 'toJSON') return () => 'sample';
      if (key === 'length') return 1;
      if (key === 'prototype') return target.prototype;
      if (typeof key === 'symbol') return undefined;
      return depth > 0 ? mock(depth - 1) : 'sample';
    },
    apply(_target, _self, given) {
      for (const one of given) if (typeof one === 'function') quietly(() => one(null, 'sample'));
      return depth > 0 ? mock(depth - 1) : 'sample';
    },
    construct: () => mock(depth - 1),
    set: () => true,
  });
}

function quietly(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function within(promise, wait) {
  return Promise.race([promise, new Promise((done) => own.setTimeout(done, wait))]).catch(() => undefined);
}

const GIVEN = [
  (count) => Array.from({ length: Math.max(1, count) }, () => mock(3)),
  (count) => [...Array.from({ length: Math.max(0, count - 1) }, () => 'sample'), () => {}],
  () => [],
  () => [{ a: 1, token: 'sample', url: 'http://service.example/' }, 'sample', 1],
];

const isClass = (one) => /^class[\s{]/.test(Function.prototype.toString.call(one));

async function explore(root) {
  const seen = new Set();
  const queue = [[root, undefined, 0]];
  let calls = 0;
  const begin = own.now();
  while (queue.length && calls < CALLS && own.now() - begin < WHOLE / 2) {
    const [value, self, depth] = queue.shift();
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
    seen.add(value);
    if (depth > 3 || value === globalThis || value === process) continue;
    if (typeof value === 'function') {
      const count = quietly(() => value.length) || 0;
      for (const give of GIVEN) {
        calls += 1;
        const result = isClass(value)
          ? quietly(() => new value(...give(count)))
          : quietly(() => value.apply(self, give(count)));
        const settled = result && typeof result.then === 'function' ? await within(result, PATIENCE / 4) : result;
        if (settled && typeof settled === 'object' && settled !== value) queue.push([settled, undefined, depth + 1]);
        if (result === undefined && isClass(value)) continue;
      }
    }
    for (const holder of [value, typeof value === 'object' ? Object.getPrototypeOf(value) : undefined]) {
      if (!holder || holder === Object.prototype || holder === Function.prototype || holder === Array.prototype) continue;
      for (const key of quietly(() => Object.getOwnPropertyNames(holder)) || []) {
        if (key === 'constructor' || key === 'caller' || key === 'callee' || key === 'arguments') continue;
        const inner = quietly(() => value[key]);
        if (inner) queue.push([inner, value, depth + 1]);
      }
    }
  }
}

async function load(path) {
  try {
    return require(path);
  } catch (error) {
    if (!error || !/ESM|import statement|Unexpected token 'export'|top-level await/i.test(`${error.code} ${error.message}`)) throw error;
    return import(require('url').pathToFileURL(path).href);
  }
}

// What every honest program does at some time. Whoever listens in on requests wakes up.
function request() {
  return new Promise((done) => {
    const headers = { authorization: `Bearer ${process.env.NPM_TOKEN || 'sample'}`, 'content-type': 'application/json' };
    const options = { method: 'POST', host: 'status.holm.example', path: '/v1/report', headers, timeout: PATIENCE };
    const sent = require('https').request(options, (answer) => answer.resume().on('end', done));
    sent.on('error', done).on('timeout', () => sent.destroy()).end('{"password":"sample"}');
  });
}

function change() {
  if (settings.days) shiftClock(settings.days);
  if (settings.hurry > 1) hurryTimers(settings.hurry);
  if (settings.platform) playPlatform(settings.platform);
}

async function main() {
  process.on('uncaughtException', () => {});
  process.on('unhandledRejection', () => {});
  own.setTimeout(() => own.exit(0), WHOLE).unref();
  change();
  process.argv = [process.argv[0], path];
  if (what === 'program') {
    process.argv.push(...(settings.arguments || []));
    const loaded = quietly(() => require('module')._load(path, null, true));
    if (loaded === undefined) await within(load(path), PATIENCE);
    return;
  }
  const loaded = what === 'import' ? await within(import(require('url').pathToFileURL(path).href), PATIENCE) : await load(path);
  if (what !== 'call') return;
  await explore(loaded);
  await within(request(), PATIENCE);
}

// Before another program it only changes the world.
if (require.main === module) main().catch((error) => console.error(error && error.message));
else change();
