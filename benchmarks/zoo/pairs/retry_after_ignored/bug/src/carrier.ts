/** The carrier's labels: one for each key, asked for again where the carrier is busy. */

const ATTEMPT_MS = 500
const MOST_ATTEMPTS = 4

export class CarrierBusy extends Error {
  retryAfter: string
  constructor(retryAfter: string) {
    super('the carrier is busy')
    this.retryAfter = retryAfter
  }
}
export class CarrierDown extends Error {}

/** Id and tracking number of the label. */
export async function label(parcel: object, key: string): Promise<{ id: string; tracking: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await ask(parcel, key)
    if (reply.status === 201) return told(reply.body)
    if (reply.status !== 429) throw new CarrierDown(`the carrier answered ${reply.status}`)
    if (attempt === MOST_ATTEMPTS) throw new CarrierBusy(reply.retryAfter)
  }
}

async function ask(parcel: object, key: string) {
  try {
    const reply = await fetch(`${process.env.CARRIER_URL}/labels`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(parcel),
      signal: AbortSignal.timeout(ATTEMPT_MS),
    })
    const body = await reply.text()
    return { status: reply.status, body, retryAfter: reply.headers.get('Retry-After') ?? '1' }
  } catch (error) {
    throw new CarrierDown('the carrier cannot be reached', { cause: error })
  }
}

function told(body: string) {
  try {
    const { id, tracking } = JSON.parse(body)
    if (typeof id === 'string' && typeof tracking === 'string') return { id, tracking }
  } catch (error) {
    throw new CarrierDown('no JSON from the carrier', { cause: error })
  }
  throw new CarrierDown('no label from the carrier')
}
