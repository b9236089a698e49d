/**
 * Opens the audio of a page. iOS plays it even if the phone is switched to silent, because the page
 * says that it is music (Audio Session API).
 */
export function openAudio(): AudioContext {
  const { audioSession } = navigator as { audioSession?: { type: string } }
  if (audioSession) audioSession.type = 'playback'
  return new AudioContext({ latencyHint: 'interactive' })
}
