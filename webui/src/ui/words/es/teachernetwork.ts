import type { TeacherStrings } from '../en/teacher.ts'

export const network: Pick<TeacherStrings, 'network'> = {
  network: {
    advice: 'Consejo',
    why: {
      live: (ms) => `Las notas tardan ${ms}\u00a0ms en oírse. Al momento va bien.`,
      snap: (ms) => `Las notas tardan ${ms}\u00a0ms en oírse. La cuadrícula lo tapa.`,
      loop: (ms) => `Las notas tardan ${ms}\u00a0ms en oírse. Solo un ciclo lo tapa.`,
    },
    take: { live: 'Al momento', snap: 'Usar cuadrícula', loop: 'Usar ciclo' },
    well: 'La conexión va bien',
    wireless: 'Dale auriculares con cable.',
    trouble: {
      slow: 'Wifi lenta',
      lossy: 'Pierde notas',
      adrift: 'Busca el pulso',
      wireless: 'Sonido sin cable',
    },
    troubled: { one: '# con mala conexión', other: '# con mala conexión' },
  },
}
