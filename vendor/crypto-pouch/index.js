/**
 * PouchDB plugin that seals documents as Verida's clients do. It keeps nothing in the database but the sealed
 * documents, so whoever derives the same key reads them anywhere.
 */
'use strict'

const { createHash, pbkdf2Sync, randomBytes } = require('node:crypto')
const { secretbox } = require('tweetnacl')
const { transform } = require('transform-pouch')

/** Database -> its 32-byte key; `undefined` after removeCrypto. */
const keys = new WeakMap()

/** Documents that `open` made: PouchDB's own reads go through each other, so that one comes by twice. */
const opened = new WeakSet()

// The salt is used as given: Verida's clients pass an empty buffer, and their data is sealed under the empty salt.
function deriveKey({ password, salt, iterations = 1000 }) {
  if (typeof password !== 'string' || !(salt instanceof Uint8Array)) {
    throw new TypeError('crypto needs { password: string, salt: Uint8Array }')
  }
  const pass = createHash('sha512').update(password, 'utf8').digest()
  return pbkdf2Sync(pass, salt, iterations, secretbox.keyLength, 'sha512')
}

function seal(key, document) {
  if (document._attachments) throw new Error('Attachments would be stored in clear, and are refused')
  const nonce = randomBytes(secretbox.nonceLength)
  const { _revisions, ...inner } = document
  const box = secretbox(Buffer.from(JSON.stringify(inner), 'utf8'), nonce, key)
  return { ...outerFields(document), payload: Buffer.concat([nonce, box]).toString('base64') }
}

function open(key, document) {
  if (opened.has(document)) return document
  const inner = JSON.parse(Buffer.from(openPayload(key, document.payload)).toString('utf8'))
  // The box is not bound to the document it lies in: without this a payload moved elsewhere would be believed.
  if (inner._id !== document._id) throw new Error('The sealed document belongs to another id')
  for (const name of Object.keys(inner)) if (name.startsWith('_')) delete inner[name]
  const plain = { ...inner, ...outerFields(document) }
  opened.add(plain)
  return plain
}

function openPayload(key, payload) {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : '', 'base64')
  const { nonceLength, overheadLength } = secretbox
  // Decoding forgives stray characters; the text must be exactly that of its bytes.
  const whole = bytes.length >= nonceLength + overheadLength && bytes.toString('base64') === payload
  const plain = whole && secretbox.open(bytes.subarray(nonceLength), bytes.subarray(0, nonceLength), key)
  // Verida's clients know a wrong key by this very text.
  if (!plain) throw new Error('Could not decrypt!')
  return plain
}

/** PouchDB's own fields (_id, _rev, _deleted, _revisions, ...) stay in clear: replication lives on them. */
function outerFields(document) {
  return Object.fromEntries(Object.entries(document).filter(([name]) => name.startsWith('_')))
}

/** Turns sealing on for this database. The key is derived once, here. */
async function crypto(options) {
  const key = deriveKey(options)
  const installed = keys.has(this)
  keys.set(this, key)
  if (installed) return
  const sealed = (work) => (document) => (keys.get(this) ? work(keys.get(this), document) : document)
  this.transform({ incoming: sealed(seal), outgoing: sealed(open) })
}

/** Turns it off: documents are then read and written as they are stored. */
function removeCrypto() {
  if (keys.has(this)) keys.set(this, undefined)
}

module.exports = { transform, crypto, removeCrypto }
