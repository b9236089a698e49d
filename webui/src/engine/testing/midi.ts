/** An input of a device, as a browser shows it. */
export class FakeInput extends EventTarget {
  state = 'connected'
  readonly id: string
  readonly name: string

  constructor(id: string, name: string) {
    super()
    this.id = id
    this.name = name
  }

  open(): Promise<this> {
    return Promise.resolve(this)
  }

  send(...data: number[]): void {
    this.dispatchEvent(Object.assign(new Event('midimessage'), { data: Uint8Array.from(data) }))
  }
}

/** The MIDI of a device, as a browser shows it. */
export class FakeMidi extends EventTarget {
  readonly inputs = new Map<string, FakeInput>()

  plug(id: string, name = id): FakeInput {
    const input = new FakeInput(id, name)
    this.inputs.set(id, input)
    this.dispatchEvent(new Event('statechange'))
    return input
  }

  /** Browsers keep what was unplugged in the list. */
  unplug(input: FakeInput): void {
    input.state = 'disconnected'
    this.dispatchEvent(new Event('statechange'))
  }
}
