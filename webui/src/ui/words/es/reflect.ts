import { prompts } from './prompts.ts'

export const feelings = { 1: 'Tormenta', 2: 'Lluvia', 3: 'Nubes', 4: 'Claro', 5: 'Sol' }

export const bars = (from: number, to: number) =>
  from === to ? `Compás ${from}` : `Compases ${from} a ${to}`

export const reflect = {
  reflect: {
    title: 'Piensa en ello',
    bars,
    feeling: '¿Cómo te sentiste?',
    feelings,
    words: 'Tus palabras, si quieres',
    share: 'Compartir con mi profe',
    shared: 'Tu profe puede leerlo.',
    private: 'Solo tú puedes leerlo.',
    talk: 'Quiero hablar',
    talkLead: 'Tu profe lo ve primero.',
    notLive: 'Nadie lee esto ahora. Si necesitas ayuda, díselo a un adulto.',
    send: 'Guardar',
    skip: 'Saltar',
    needs: 'Elige un dibujo o escribe algo.',
    waiting: 'Aún no está guardado. No cierres esta página.',
    kept: 'Guardado en la caja.',
    school: 'En la escuela.',
    refused: 'La caja no puede guardarlo. Díselo a tu profe.',
    back: 'Volver a la música',
    unkept: 'Algunas palabras aún no están guardadas. No cierres esta página.',
  },
  prompts,
}
