import type { TeacherStrings } from '../en/teacher.ts'

export const stage: Pick<TeacherStrings, 'door' | 'stageView'> = {
  door: {
    label: 'Cómo entrar',
    code: 'Código de la sala',
    address: 'Ve a',
    qr: 'Imagen que lleva un teléfono a esta sala',
    openStage: 'Abrir el escenario',
    stageOn: 'El escenario está abierto.',
    locked: 'Con llave: nadie nuevo puede entrar.',
  },
  stageView: {
    title: 'Escenario',
    go: 'Ve a',
    onlyHere: 'Solo este ordenador puede abrirla.',
    code: 'Código',
    here: { one: '# aquí', other: '# aquí' },
    waiting: 'Esperando la música',
    nobody: '¿Quién llega primero?',
    sound: 'Encender el sonido',
    hears: {
      own: 'Cada equipo suena por su cuenta.',
      everyone: 'Cada equipo hace sonar a todos.',
      stage: 'Este altavoz hace sonar a todos.',
    },
    full: 'Pantalla completa',
    quiet: 'Silencio. Escuchamos.',
    tempo: (bpm) => `${bpm} pulsos por minuto`,
    away: 'La caja no está. El pulso sigue.',
  },
}
