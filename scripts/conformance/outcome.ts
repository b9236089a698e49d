/** Why a cell of the table was left out. */
export const NOT_THERE = 'not there in this client'
export const NOT_YET = 'not yet'
