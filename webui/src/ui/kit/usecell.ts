import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Cell } from '../../engine/cell.ts'

/** Returns a signal that follows a cell of the engine while the component is shown. */
export function useCell<T>(cell: Cell<T>): ReadonlySignal<T> {
  const value = useMemo(() => signal(cell.value), [cell])
  useEffect(() => {
    value.value = cell.value
    return cell.subscribe((v) => {
      value.value = v
    })
  }, [cell, value])
  return value
}
