// For teachers: what waits for the school's database.
export const school = {
  school: {
    waits: (n: number) =>
      n === 1 ? 'One text waits to go to the school.' : `${n} texts wait to go to the school.`,
    there: 'Everything that was written is at the school.',
    /** What is in the way, and what to do. */
    why: {
      unreachable: 'The box does not reach the school’s database: check its internet.',
      untrusted: 'The box does not trust the school’s database: tell your IT.',
      login: 'The school’s database refuses the box’s password: tell your IT.',
      admission: 'The school’s database does not admit this box: tell your IT.',
      schema: 'The school’s database has to be updated: tell your IT.',
      read_only: 'The school’s database takes no changes right now.',
      busy: 'The school’s database is busy.',
      full: 'The disk of the school’s database is full: tell your IT.',
      other: 'The school’s database does not take them: tell your IT.',
    } as Record<string, string> & { other: string },
    safe: 'Nothing is lost: the box keeps them.',
    aside: (n: number) =>
      n === 1
        ? 'The school’s database does not take one text. The box keeps it: tell your IT.'
        : `The school’s database does not take ${n} texts. The box keeps them: tell your IT.`,
  },
}
