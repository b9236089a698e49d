import type { TeacherStrings } from '../en/teacher.ts'

export const lobby: Pick<TeacherStrings, 'lobby'> = {
  lobby: {
    title: '¿Quién está dentro?',
    help: 'Quién necesita ayuda',
    of: (here, of) => `${here} de ${of} están dentro`,
    everyone: 'Está toda la clase.',
    onPage: { one: '# tiene la página', other: '# tienen la página' },
    coming: { one: '# lee su nombre', other: '# leen su nombre' },
    played: { one: '# ha tocado', other: '# han tocado' },
    stuck: { one: '# necesita ayuda', other: '# necesitan ayuda' },
    more: { one: 'y # más', other: 'y # más' },
    screen: 'Pantalla',
    why: {
      not_found: 'Código equivocado',
      locked: 'La sala está con llave',
      full: 'La sala está llena',
      removed: 'Fuera de la sala',
      slow_down: 'Demasiados intentos',
      missing: 'Sin conexión',
      idle: 'No ha escrito el código',
      no_play: 'No ha pulsado Tocar',
      no_sound: 'Aún sin sonido',
      no_connection: 'Sin conexión',
    },
    typed: (code) => `escribió ${code}`,
    ago: (ms) => (ms < 60_000 ? `${Math.max(0, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`),
    expected: '¿Cuántos estudiantes vienen?',
    expectedHint: 'El escenario dice entonces cuándo está toda la clase.',
    badNumber: (most) => `Escribe un número de 0 a ${most}.`,
    done: 'Listo',
  },
}
