// Questions about the music, never about home, health or beliefs.
export const prompts = {
  self_easy: 'Which moment felt easy? Why?',
  self_proud: 'What are you proud of?',
  self_body: 'What did you notice in your body while you played?',
  manage_lost: 'What did you do when you lost the beat?',
  manage_calm: 'What helped you to play on?',
  manage_focus: 'What took your mind off the music? What brought it back?',
  social_helped: 'Whose part helped you? How did you notice?',
  social_heard: 'What did you hear another group do?',
  social_others: 'How do you think the others felt in these bars?',
  relate_together: 'How did your section agree when to come in?',
  relate_thanks: 'Which player would you like to thank? What for?',
  relate_space: 'When did you leave space for others?',
  decide_next: 'What would you change the next time?',
  decide_choice: 'Which choice changed the music?',
  decide_affects: 'What would you change, and who does it affect?',
}

/** What goes over the wire. Pages show it in their own language. */
export type PromptName = keyof typeof prompts
