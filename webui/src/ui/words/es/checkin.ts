const tempos = { 1: 'Lento', 2: 'Tranquilo', 3: 'Rápido' }
const keys = { 1: 'Tormenta', 2: 'Nubes', 3: 'Sol' }

export const checkIn = {
  checkIn: {
    title: 'Para empezar',
    tempos,
    check_in: {
      ask: '¿Cómo te sientes ahora?',
      axes: 'Arriba y abajo: tu tempo interior. A los lados: tu tono interior.',
      keys,
      note: 'Puedes leerlo otra vez con tu nombre musical. Tu profe ve cuántos, nunca quién. Si necesitas ayuda, díselo a un adulto.',
      send: 'Guardar',
    },
    opener: {
      ask: '¿Cómo quieres que suene la música?',
      axes: 'Arriba y abajo: el tempo. A los lados: el sonido.',
      keys: { 1: 'Suave', 2: 'Medio', 3: 'Fuerte' },
      note: 'Óyela en tu cabeza. La caja no la guarda.',
      send: 'Listo',
    },
    skip: 'Pasar',
    needs: 'Elige una tarjeta o pasa.',
    ready: 'Todo listo.',
  },
}

export const checkIns = {
  checkIns: {
    open: 'Cómo estamos',
    title: 'Cómo estamos',
    lead: 'Los niños cuyas familias están de acuerdo eligen cómo se sienten. Los demás eligen cómo suena la música. Desde aquí se ven iguales, y todos pueden pasar.',
    where: 'Marca en la lista de la clase a quién se puede preguntar.',
    ask: 'Preguntar a la clase',
    end: 'Terminar',
    later: 'Al terminar verás cómo se siente la clase.',
    ready: (ready: number, of: number) => `${ready} de ${of} listos`,
    sum: 'Cómo se sentía la clase',
    before: 'Cómo se sentía la clase antes',
    after: 'Cómo se sentía la clase después',
    sumLead: 'Cada número cuenta niños. Los menores de 5 quedan ocultos, para no señalar a nadie.',
    few: 'menos de 5',
    failed: 'Los números no se cargaron. Cierra esto e inténtalo otra vez.',
    tempo: 'Tempo interior',
    tempos,
    keys,
    close: 'Cerrar',
  },
}
