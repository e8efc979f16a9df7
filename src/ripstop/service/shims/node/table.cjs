/* Where a connection of this process may go, and the report of the rest.
 *
 * The form of both files is told in the Python shim's table.py; it is the same here.
 */
'use strict'

const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')

const REPORT_LIMIT_BYTES = 1_000_000
const NAME_LIMIT = 255
const FRAMES = 40
const HOSTS_FILE = '/etc/hosts'
const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/

class Table {
  constructor(path) {
    this.exact = new Map()
    this.below = []
    this.ports = new Map()
    for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
      const [word, ...rest] = line.split('\t')
      if (['ca', 'report', 'dark'].includes(word)) this[word] = rest[0]
      if (word === 'host') this.add(...rest)
    }
    this.certificate = fs.readFileSync(this.ca, 'utf8')
  }

  add(pattern, address, port) {
    this.ports.set(address, Number(port))
    if (pattern.startsWith('*.')) this.below.push([pattern.slice(1), address])
    else this.exact.set(pattern, address)
  }

  /* The address an intercepted name has here; undefined for any other name. */
  addressOf(name) {
    return this.exact.get(name) ?? this.below.find(([suffix]) => name.endsWith(suffix))?.[1]
  }

  /* Whether an intercepted name is not to resolve at present. */
  isDark(name) {
    const lines = readOr(this.dark, '').split('\n')
    const address = this.addressOf(name)
    return address !== undefined && lines.some((line) => this.addressOf(line) === address)
  }

  /* Add a line to the report, unless that has grown beyond its bound. */
  tell(kind, word, port = 0, client = '') {
    const shown = String(word).slice(0, NAME_LIMIT).replace(/[^\x20-\x7e]/g, '?')
    try {
      const report = fs.openSync(this.report, fs.constants.O_WRONLY | fs.constants.O_APPEND)
      try {
        if (fs.fstatSync(report).size < REPORT_LIMIT_BYTES) {
          fs.writeSync(report, `${kind}\t${shown}\t${Number(port) || 0}\t${client}\t${process.pid}\n`)
        }
      } finally {
        fs.closeSync(report)
      }
    } catch {}
  }
}

/* The installed package on whose behalf this runs: the last one met before the service's own code. */
function client() {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES
  const frames = new Error().stack.split('\n').slice(1)
  Error.stackTraceLimit = limit
  let found = ''
  for (const frame of frames) {
    const installed = PACKAGE.exec(frame)
    if (installed) found = installed[1]
    else if (!/node:|<anonymous>|native/.test(frame) && !frame.includes(__dirname)) break
  }
  return found
}

/* A host as the table has it. */
function plain(host) {
  const name = String(host ?? '').replace(/\.$/, '').toLowerCase()
  return name.startsWith('::ffff:') && net.isIPv4(name.slice(7)) ? name.slice(7) : name
}

/* Names this machine has for itself or lists itself; no other is asked for them. */
function isLocalName(name) {
  if (name === '' || name === 'localhost' || name.endsWith('.localhost')) return true
  if (name === os.hostname().toLowerCase()) return true
  const listed = readOr(HOSTS_FILE, '').toLowerCase().split('\n')
  return listed.some((line) => line.split('#')[0].trim().split(/\s+/).slice(1).includes(name))
}

/* Loopback, any address, and the machine's own. */
function isLocalAddress(address) {
  if (address.startsWith('127.') || ['0.0.0.0', '::', '::1'].includes(address)) return true
  return Object.values(os.networkInterfaces()).some((all) => all.some((one) => one.address === address))
}

function readOr(path, otherwise) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

module.exports = { Table, client, isLocalAddress, isLocalName, plain }
