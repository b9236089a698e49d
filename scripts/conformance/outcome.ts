/** The reasons to skip a cell of the table. */
export const NOT_THERE = 'not there in this client'
export const NOT_YET = 'not yet'
