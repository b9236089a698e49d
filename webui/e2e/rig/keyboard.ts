/** Sends a request of Chromium's protocol to a page. */
export type Send = (method: 'Input.dispatchKeyEvent', params: KeyEvent) => Promise<unknown>

interface KeyEvent {
  type: 'rawKeyDown' | 'keyUp'
  code: string
  key: string
  windowsVirtualKeyCode: number
  /** 4 while Command is down. */
  modifiers?: number
  autoRepeat?: boolean
}

const LETTER = { code: 'KeyA', key: 'a', windowsVirtualKeyCode: 65 }
const COMMAND = { code: 'MetaLeft', key: 'Meta', windowsVirtualKeyCode: 91 }
const COMMAND_DOWN = 4

/**
 * The computer keys of a page. Unlike Playwright's they do not remember what is down: the events of
 * keys get lost here, as they do with a real keyboard.
 */
export class Keyboard {
  readonly #send: Send

  constructor(send: Send) {
    this.#send = send
  }

  /** Presses the key that plays the lowest note. */
  async down(): Promise<void> {
    await this.#send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...LETTER })
  }

  /** Reports that the key is still down, as a keyboard does many times a second. */
  async repeat(): Promise<void> {
    await this.#send('Input.dispatchKeyEvent', { type: 'rawKeyDown', autoRepeat: true, ...LETTER })
  }

  async up(): Promise<void> {
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...LETTER })
  }

  async commandDown(): Promise<void> {
    const event = { ...COMMAND, modifiers: COMMAND_DOWN }
    await this.#send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event })
  }

  async commandUp(): Promise<void> {
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...COMMAND })
  }
}
