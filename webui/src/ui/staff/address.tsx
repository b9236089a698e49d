import css from './address.module.css'
import { pieces, toType } from './links.ts'

/** An address as people type it. It is not broken where they would see two. */
export function Address({ address }: { address: string }) {
  return (
    <span class={css.address}>
      {pieces(toType(address)).map((piece, i) => (
        <>
          {i > 0 && <wbr />}
          <span class={css.piece}>{piece}</span>
        </>
      ))}
    </span>
  )
}
