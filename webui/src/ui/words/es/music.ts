import type { music as en } from '../en/music.ts'
import { pictures } from './pictures.ts'

export const music: typeof en = {
  pictures,
  music: {
    open: 'Mi nombre musical',
    title: 'Mi nombre musical',
    lead: 'Toca los tres dibujos de tu tarjeta, en orden.',
    chosen: (n: number) => `${n} de 3 dibujos`,
    again: 'Empezar otra vez',
    close: 'Cerrar',
    wrong: 'Esos dibujos no abren nada. Mira tu tarjeta.',
    elsewhere: 'Tus dibujos están abiertos en otro aparato. Pregunta a tu profe.',
    words: 'Tus palabras',
    wordsLead: 'Lo que escribas hoy se guarda con ellas.',
    none: 'Todavía no tienes palabras aquí.',
  },
}
