import { FITS, type Fit, MAX_OCTAVE, type Tuning } from '../../engine/play/tuning.ts'
import { Button } from '../kit/button.tsx'
import { Select } from '../kit/form.tsx'
import { t } from '../words/index.ts'
import css from './tuning.module.css'

interface TuningFormProps {
  /** The name of the keyboard, for screen readers. */
  name: string
  tuning: Tuning
  onFit: (fit: Fit) => void
  onOctave: (octave: number) => void
}

/** Chooses which notes the keys of a MIDI keyboard give: how they fit the scale, and their octave. */
export function TuningForm({ name, tuning: { fit, octave }, onFit, onOctave }: TuningFormProps) {
  const texts = t().tuning
  return (
    <div class={css.tuning}>
      <div class={css.fit}>
        <Select
          label={texts.fit(name)}
          bare
          value={fit}
          options={FITS.map((f) => ({ value: f, label: texts.fits[f] }))}
          onChange={(chosen) => onFit(chosen as Fit)}
        />
      </div>
      <div class={css.octave}>
        <Button
          label={texts.lower(name)}
          tip={texts.lower(name)}
          disabled={octave <= -MAX_OCTAVE}
          onPress={() => onOctave(octave - 1)}
        >
          −
        </Button>
        <span class={css.shown} role="status">
          {texts.octave(octave)}
        </span>
        <Button
          label={texts.higher(name)}
          tip={texts.higher(name)}
          disabled={octave >= MAX_OCTAVE}
          onPress={() => onOctave(octave + 1)}
        >
          +
        </Button>
      </div>
    </div>
  )
}
