import { render } from 'preact'
import './ui/kit/tokens.css'
import { App } from './ui/app.tsx'
import { startTheme } from './ui/kit/theme.ts'

startTheme()
const root = document.getElementById('app')
if (root) render(<App />, root)
