import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A MIDI keyboard that is plugged into the box: a named pipe, which the box's own driver reads. */
export interface MidiKeyboard {
  send(...bytes: number[]): void
  unplug(): void
}

/** The MIDI devices of a box, for its flag --midi-devices. */
export class MidiDevices {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'downbeat-midi-'))

  /** Plugs a keyboard in, with a name for its device, such as midiC1D0. It is unplugged when its file goes. */
  plug(node: string): MidiKeyboard {
    const made = path.join(this.folder, `new-${node}`)
    const file = path.join(this.folder, node)
    execFileSync('mkfifo', [made])
    const pipe = openSync(made, 'r+') // a writer, so that the box sees no end
    renameSync(made, file)
    return {
      send: (...bytes) => {
        writeSync(pipe, Uint8Array.from(bytes))
      },
      unplug: () => {
        rmSync(file)
        closeSync(pipe)
      },
    }
  }

  /** Puts a file in the place of the folder, so that the box can look for no devices. */
  block(): void {
    this.remove()
    writeFileSync(this.folder, '')
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
