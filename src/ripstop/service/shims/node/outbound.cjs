/* Start-up shim inside a Node service: keeps its calls on this machine.
 *
 * Intercepted hosts lead to their seams, loopback passes, all else is refused: a name as one that does
 * not exist (ENOTFOUND), an address as a port where nobody listens (ECONNREFUSED); datagrams to
 * elsewhere vanish. All of http, https, fetch and their kin stand on `net`, `tls` and `dns`. Silent
 * when anything fails: the service must not notice.
 */
'use strict'

const dgram = require('node:dgram')
const dns = require('node:dns')
const net = require('node:net')
const tls = require('node:tls')
const util = require('node:util')
const { Table, client, isLocalAddress, isLocalName, plain } = require('./table.cjs')

const HOME = '127.0.0.1'
const DISCARD_PORT = 9
const ENOTFOUND = -3008
const ECONNREFUSED = -111

function install(table) {
  connections(table)
  lookups(table)
  queries(table)
  datagrams(table)
  trust(table)
  table.tell('loaded', 'node')
}

/* Every stream to another host begins in Socket.connect, whatever resolves its name. */
function connections(table) {
  const connect = net.Socket.prototype.connect
  net.Socket.prototype.connect = function (...given) {
    const normalized = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given)
    const options = normalized[0]
    if (options.path || options.port === undefined) return connect.call(this, normalized)
    const host = plain(options.host)
    const seam = table.ports.get(table.addressOf(host) ?? host)
    if (seam && !table.isDark(host)) {
      if (this.setServername && !options.servername && !net.isIP(host)) this.setServername(host)
      normalized[0] = { ...options, host: HOME, port: seam }
    } else if (seam) {
      table.tell('dark', host, options.port, client())
      normalized[0] = { ...options, lookup: lookUpNothing }
    } else if (net.isIP(host) && !isLocalAddress(host)) {
      table.tell('refused', host, options.port, client())
      return refuse(this, host, options.port)
    } else if (!net.isIP(host) && !isLocalName(host)) {
      table.tell('refused', host, options.port, client())
      normalized[0] = { ...options, lookup: lookUpNothing }
    }
    return connect.call(this, normalized)
  }
}

function refuse(socket, address, port) {
  const error = new Error(`connect ECONNREFUSED ${address}:${port}`)
  Object.assign(error, { errno: ECONNREFUSED, code: 'ECONNREFUSED', syscall: 'connect', address, port })
  socket.connecting = true
  process.nextTick(() => socket.destroy(error))
  return socket
}

function lookUpNothing(name, _options, done) {
  process.nextTick(done, notFound(name))
}

function notFound(name, syscall = 'getaddrinfo') {
  const error = new Error(`${syscall} ENOTFOUND ${name}`)
  const own = syscall === 'getaddrinfo' ? { errno: ENOTFOUND } : {}
  return Object.assign(error, own, { code: 'ENOTFOUND', syscall, hostname: name })
}

/* The address of an intercepted name, null for a name that is not found, undefined for others' business. */
function found(table, host) {
  const name = plain(host)
  const address = table.addressOf(name)
  if (address && !table.isDark(name)) return address
  if (!address && (net.isIP(name) || isLocalName(name))) return undefined
  table.tell(address ? 'dark' : 'refused', name, 0, client())
  return null
}

function lookups(table) {
  const { lookup } = dns
  const lookupPromise = dns.promises.lookup

  dns.lookup = function (name, ...rest) {
    const done = rest.at(-1)
    const address = typeof done === 'function' ? found(table, name) : undefined
    if (address === undefined) return lookup.call(this, name, ...rest)
    const options = rest.length > 1 ? rest[0] : {}
    if (address === null || (options?.family ?? options) === 6) process.nextTick(done, notFound(name))
    else if (options?.all) process.nextTick(done, null, [{ address, family: 4 }])
    else process.nextTick(done, null, address, 4)
    return {}
  }

  dns.promises.lookup = async function (name, options) {
    const address = found(table, name)
    if (address === undefined) return lookupPromise.call(this, name, options)
    if (address === null || (options?.family ?? options) === 6) throw notFound(name)
    return options?.all ? [{ address, family: 4 }] : { address, family: 4 }
  }

  dns.lookup[util.promisify.custom] = dns.promises.lookup
}

/* Queries that go past the system's resolver; no server is ever asked. */
function queries(table) {
  const answer = (method, name, type) => {
    const address = method === 'reverse' || isLocalName(plain(name)) ? null : found(table, name)
    const wantsIt = method === 'resolve4' || (method === 'resolve' && [undefined, 'A'].includes(type))
    return address && wantsIt ? [address] : null
  }
  for (const holder of [dns, dns.Resolver.prototype, dns.promises, dns.promises.Resolver.prototype]) {
    const promises = holder === dns.promises || holder === dns.promises.Resolver.prototype
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(holder) ?? {}).concat(Object.keys(holder))
    for (const method of new Set(methods.filter((one) => /^(resolve|reverse)/.test(one)))) {
      holder[method] = function (name, ...rest) {
        const type = typeof rest[0] === 'string' ? rest[0] : undefined
        const addresses = answer(method, name, type)
        const error = addresses ? null : notFound(name, asked(method, type))
        if (promises) return error ? Promise.reject(error) : Promise.resolve(addresses)
        process.nextTick(rest.at(-1), error, addresses ?? undefined)
        return {}
      }
    }
  }
}

/* What Node calls a query in its errors: queryA, queryAaaa, queryMx. */
function asked(method, type) {
  const kind = { 4: 'A', 6: 'AAAA', '': type ?? 'A' }[method.slice(7)] ?? method.slice(7)
  return method === 'reverse' ? 'getHostByAddr' : `query${kind[0].toUpperCase()}${kind.slice(1).toLowerCase()}`
}

function datagrams(table) {
  const { send, connect } = dgram.Socket.prototype
  const elsewhere = (address, port) => {
    const name = plain(address)
    if (net.isIP(name) ? isLocalAddress(name) : isLocalName(name)) return false
    table.tell('datagram', name, port, client())
    return true
  }
  dgram.Socket.prototype.send = function (message, ...rest) {
    const place = rest.findIndex((one) => typeof one === 'string')
    if (place < 0 || !elsewhere(rest[place], rest[place - 1])) return send.call(this, message, ...rest)
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done, null, message.length)
  }
  dgram.Socket.prototype.connect = function (port, address, ...rest) {
    const away = typeof address === 'string' && elsewhere(address, port)
    return away ? connect.call(this, DISCARD_PORT, this.type === 'udp6' ? '::1' : HOME, ...rest)
      : connect.call(this, port, address, ...rest)
  }
}

/* NODE_EXTRA_CA_CERTS serves clients without a bundle of their own; these have one. */
function trust(table) {
  const { createSecureContext } = tls
  tls.createSecureContext = function (options, ...rest) {
    const own = options?.ca
    return createSecureContext.call(this, own ? { ...options, ca: [own, table.certificate].flat() } : options, ...rest)
  }
}

try {
  if (process.env.RIPSTOP_OUTBOUND) install(new Table(process.env.RIPSTOP_OUTBOUND))
} catch {}
