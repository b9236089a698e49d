import type { TeacherStrings } from '../en/teacher.ts'

export const school: Pick<TeacherStrings, 'school'> = {
  school: {
    waits: (n: number) =>
      n === 1 ? 'Un texto espera para llegar a la escuela.' : `${n} textos esperan para llegar a la escuela.`,
    there: 'Todo lo que se escribió está en la escuela.',
    why: {
      unreachable: 'La caja no llega a la base de datos de la escuela: revisa su internet.',
      untrusted: 'La caja no confía en la base de datos de la escuela: avisa a informática.',
      login: 'La base de datos de la escuela rechaza la contraseña de la caja: avisa a informática.',
      admission: 'La base de datos de la escuela no admite esta caja: avisa a informática.',
      schema: 'La base de datos de la escuela necesita una actualización: avisa a informática.',
      read_only: 'La base de datos de la escuela no acepta cambios ahora.',
      busy: 'La base de datos de la escuela está ocupada.',
      full: 'El disco de la base de datos de la escuela está lleno: avisa a informática.',
      other: 'La base de datos de la escuela no los acepta: avisa a informática.',
    },
    safe: 'No se pierde nada: la caja los guarda.',
    aside: (n: number) =>
      n === 1
        ? 'La base de datos de la escuela no acepta un texto. La caja lo guarda: avisa a informática.'
        : `La base de datos de la escuela no acepta ${n} textos. La caja los guarda: avisa a informática.`,
  },
}
