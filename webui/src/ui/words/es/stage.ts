import type { TeacherStrings } from '../en/teacher.ts'

export const stage: Pick<
  TeacherStrings,
  'joining' | 'unkept' | 'moved' | 'heldBack' | 'nameless' | 'helpIn' | 'stageView'
> = {
  joining: {
    label: 'Cómo entrar',
    code: 'Código de la sala',
    address: 'Ve a',
    or: (name: string) => `o ${name}`,
    qr: 'Imagen que lleva un teléfono a esta sala',
    openStage: 'Abrir el escenario',
    stageOn: 'El escenario está abierto.',
    locked: 'Con llave: nadie nuevo puede entrar.',
  },
  unkept:
    'El disco de la caja está lleno o falla. La clase sigue, pero los cambios se pierden cuando la caja se reinicie.',
  moved: {
    since: {
      time: (time: string) =>
        `Mi dirección ha cambiado desde las ${time}: las tarjetas impresas ya no sirven.`,
      weekday: (day: string) =>
        `Mi dirección ha cambiado desde el ${day}: las tarjetas impresas ya no sirven.`,
      date: (date: string) =>
        `Mi dirección ha cambiado desde el ${date}: las tarjetas impresas ya no sirven.`,
    },
    now: 'Ahora es',
    known: 'Ya lo sé',
  },
  heldBack: {
    students: (name: string, count: number) =>
      count === 1
        ? `El dispositivo de ${name} pide demasiado a la caja y se le frena.`
        : `Un dispositivo con ${count} sitios, entre ellos ${name}, pide demasiado a la caja y se le frena.`,
    device: (address: string) => `El dispositivo en ${address} pide demasiado a la caja y se le frena.`,
    remove: (count: number) => (count === 1 ? 'Quitar' : `Quitar los ${count}`),
    known: 'Ya lo sé',
  },
  nameless: {
    why: {
      dropped: 'Esta red bloquea nombres como downbeat.local:',
      deaf: 'Un cortafuegos de la caja bloquea nombres como downbeat.local:',
      port_taken: 'Otro programa de la caja bloquea nombres como downbeat.local:',
      contested: 'Otra caja de aquí se llama downbeat.local:',
      failed: 'Los nombres como downbeat.local no funcionan aquí:',
    },
    type: 'la clase escribe',
    cards: ', como dicen las tarjetas.',
  },
  helpIn: {
    open: 'Ayudar a entrar',
    title: 'Cómo entra la clase',
    wifi: 'Conéctate al wifi',
    type: 'Abre el navegador y escribe',
    code: 'Escribe el código',
    scan: 'Un teléfono o una tableta también puede apuntar con la cámara a la imagen.',
    wifiLabel: 'Nombre del wifi',
    wifiHint: 'Sale en la tarjeta. Puedes dejarlo vacío.',
    print: 'Imprimir la tarjeta',
    done: 'Listo',
  },
  stageView: {
    title: 'Escenario',
    go: 'Ve a',
    onlyHere: 'Solo este ordenador puede abrirla.',
    code: 'Código',
    here: { one: '# aquí', other: '# aquí' },
    hereOf: (here, of) => `${here} de ${of} aquí`,
    waiting: 'Esperando la música',
    starting: 'Preparados',
    stopping: 'La música para después de este compás.',
    nobody: '¿Quién llega primero?',
    sound: 'Encender el sonido',
    hears: {
      own: 'Cada equipo suena por su cuenta.',
      everyone: 'Cada equipo hace sonar a todos.',
      stage: 'Este altavoz hace sonar a todos.',
    },
    full: 'Pantalla completa',
    now: 'Lo que pasa ahora',
    alone: (who) => `Solo toca ${who}`,
    called: 'Toca tu docente. Escucha.',
    quiet: 'Silencio',
    listen: 'Ahora escuchamos.',
    settings: 'Esta pantalla',
    showCode: 'Mostrar el código',
    light: 'Clara, para una sala con luz',
    click: 'Este altavoz marca el pulso',
    timer: 'Temporizador, en minutos',
    minutes: { one: '# minuto', other: '# minutos' },
    noTimer: 'Sin temporizador',
    timeOver: 'Se acabó el tiempo',
    done: 'Listo',
    tempo: (bpm) => `${bpm} pulsos por minuto`,
    away: 'La caja no está. El pulso sigue.',
  },
}
