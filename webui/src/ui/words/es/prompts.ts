import type { PromptName } from '../en/prompts.ts'

export const prompts: Record<PromptName, string> = {
  self_easy: '¿Qué momento fue fácil? ¿Por qué?',
  self_proud: '¿De qué estás orgulloso u orgullosa?',
  self_body: '¿Qué notaste en tu cuerpo al tocar?',
  manage_lost: '¿Qué hiciste cuando perdiste el ritmo?',
  manage_calm: '¿Qué te ayudó a seguir tocando?',
  manage_focus: '¿Qué te distrajo de la música? ¿Qué te hizo volver?',
  social_helped: '¿La parte de quién te ayudó? ¿Cómo lo notaste?',
  social_heard: '¿Qué oíste hacer a otro grupo?',
  social_others: '¿Cómo crees que se sintieron los demás en estos compases?',
  relate_together: '¿Cómo acordó tu grupo cuándo entrar?',
  relate_thanks: '¿A quién quieres dar las gracias? ¿Por qué?',
  relate_space: '¿Cuándo dejaste espacio a los demás?',
  decide_next: '¿Qué cambiarías la próxima vez?',
  decide_choice: '¿Qué decisión cambió la música?',
  decide_affects: '¿Qué cambiarías, y a quién afecta?',
}
